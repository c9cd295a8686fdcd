#version 330 core
// How much of the pixel the line covers, as if the pixel were a box turned along it. The brightest of all
// lines is seen, over the ground: where many meet, or two pieces of one, they are no brighter than each.
uniform sampler2D ground;
uniform vec2 stage;

in vec2 spot;
in vec3 light;
flat in vec2 extent;
out vec4 lit;

void main() {
    float across = clamp(0.5 * extent.y + 0.5 - abs(spot.y), 0.0, 1.0);
    float along = clamp(spot.x + 1.0, 0.0, 1.0) - clamp(spot.x - extent.x, 0.0, 1.0);
    vec3 under = texelFetch(ground, ivec2(gl_FragCoord.x, stage.y - gl_FragCoord.y), 0).rgb;
    lit = vec4(under + across * along * (1.0 - exp(-1.7 * light)), 1.0);
}
