#version 330 core
in vec2 spot;
in vec3 light;
out vec4 lit;

void main() {
    lit = vec4(1.0 - exp(-1.7 * light * exp(-0.5 * dot(spot, spot))), 1.0);
}
