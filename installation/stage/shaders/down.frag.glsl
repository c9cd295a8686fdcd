#version 330 core
// Half the size by 13 taps, five boxes that overlap, so that nothing small flickers: J. Jimenez, "Next
// Generation Post Processing in Call of Duty: Advanced Warfare", SIGGRAPH 2014, Advances in Real-Time Rendering.
uniform sampler2D larger;
uniform vec2 texel;        // one texel of the larger

in vec2 at;
out vec4 lit;

vec3 tap(float x, float y) {
    return texture(larger, at + texel * vec2(x, y)).rgb;
}

void main() {
    vec3 inner = tap(-1.0, -1.0) + tap(1.0, -1.0) + tap(-1.0, 1.0) + tap(1.0, 1.0);
    vec3 cross = tap(0.0, -2.0) + tap(-2.0, 0.0) + tap(2.0, 0.0) + tap(0.0, 2.0);
    vec3 corners = tap(-2.0, -2.0) + tap(2.0, -2.0) + tap(-2.0, 2.0) + tap(2.0, 2.0);
    lit = vec4(0.125 * inner + 0.0625 * cross + 0.03125 * corners + 0.125 * tap(0.0, 0.0), 1.0);
}
