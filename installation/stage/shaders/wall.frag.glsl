#version 330 core
// What has added up, words above words above fog, may be brighter than a wall: it comes near to white and no
// colour breaks off. Then grain, then the dark.
uniform sampler2D scene;
uniform sampler2D bloom;
uniform sampler2D specks;
uniform vec2 stage;
uniform vec2 shift;        // where the grain lies at this moment, in pixels
uniform float glowing;     // 0 or 1
uniform float grain;       // strength, 0 to 1
uniform float lit;         // 1 lit to 0 black

in vec2 at;
out vec4 shown;

const float KNEE = 0.85;   // what is darker stays as it is

// Interleaved gradient noise (Jimenez 2014): half a step of 1/255 each way hides the bands of a wide gradient.
float noise(vec2 pixel) {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}

void main() {
    vec3 light = texture(scene, at).rgb + glowing * texture(bloom, at).rgb;
    vec2 pixel = vec2(at.x, 1.0 - at.y) * stage;
    vec3 over = max(light - KNEE, 0.0) / (1.0 - KNEE);
    vec3 colour = min(light, KNEE) + (1.0 - KNEE) * (1.0 - exp(-over));
    colour += grain * texture(specks, (pixel + shift) / vec2(textureSize(specks, 0))).rgb;
    colour += (noise(floor(pixel)) - 0.5) / 255.0;
    shown = vec4(lit * clamp(colour, 0.0, 1.0), 1.0);
}
