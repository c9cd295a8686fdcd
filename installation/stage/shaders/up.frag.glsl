#version 330 core
// Twice the size by a tent of 3 by 3 taps (Jimenez 2014, as in down.frag.glsl), to be added.
uniform sampler2D smaller;
uniform vec2 texel;        // one texel of the smaller
uniform float share;       // how much of it counts
uniform float kept;        // how much of what it is added to counts

in vec2 at;
out vec4 lit;

vec3 tap(float x, float y) {
    return texture(smaller, at + texel * vec2(x, y)).rgb;
}

void main() {
    vec3 corners = tap(-1.0, -1.0) + tap(1.0, -1.0) + tap(-1.0, 1.0) + tap(1.0, 1.0);
    vec3 cross = tap(0.0, -1.0) + tap(-1.0, 0.0) + tap(1.0, 0.0) + tap(0.0, 1.0);
    lit = vec4(share * (0.0625 * corners + 0.125 * cross + 0.25 * tap(0.0, 0.0)), kept);
}
