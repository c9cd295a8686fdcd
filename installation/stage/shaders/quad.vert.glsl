#version 330 core
// A triangle strip over the whole target; `at` runs from 0 to 1 from its lower left corner.
out vec2 at;

void main() {
    at = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(2.0 * at - 1.0, 0.0, 1.0);
}
