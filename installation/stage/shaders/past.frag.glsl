#version 330 core
// What is left of the picture before.
uniform sampler2D past;
uniform float left;

in vec2 at;
out vec4 lit;

void main() {
    lit = vec4(left * texture(past, at).rgb, 1.0);
}
