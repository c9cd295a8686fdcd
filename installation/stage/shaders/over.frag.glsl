#version 330 core
// What lies over the picture, with its own opacity.
uniform sampler2D sheet;

in vec2 at;
out vec4 shown;

void main() {
    shown = texture(sheet, vec2(at.x, 1.0 - at.y));
}
