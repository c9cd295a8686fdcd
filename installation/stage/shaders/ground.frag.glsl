#version 330 core
uniform sampler2D ground;

in vec2 at;
out vec4 lit;

void main() {
    lit = vec4(texture(ground, vec2(at.x, 1.0 - at.y)).rgb, 1.0);
}
