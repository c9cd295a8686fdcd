#version 330 core
uniform sampler2DArray greys;
uniform sampler2DArray colours;

in vec3 spot;
in vec3 light;
flat in float coloured;
out vec4 lit;

void main() {
    // A picture in colours stands in the light of its word.
    vec3 cover = coloured > 0.5 ? texture(colours, spot).rgb : texture(greys, spot).rrr;
    lit = vec4(1.0 - exp(-1.7 * light * cover), 1.0);  // film's shoulder, as in light.py
}
