#version 330 core
// One straight piece of a line, as a strip of four corners a pixel larger than it is.
uniform vec2 stage;

in vec4 ends;              // from, to, in pixels
in vec4 first;             // light at the first end, width in pixels
in vec3 last;              // light at the last end

out vec2 spot;             // pixels along from the first end, pixels across from the middle
out vec3 light;
flat out vec2 extent;      // length and width

void main() {
    vec2 way = ends.zw - ends.xy;
    float far = length(way);
    vec2 along = far > 1e-6 ? way / far : vec2(1.0, 0.0);
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    spot = vec2(mix(-1.0, far + 1.0, corner.x), (corner.y - 0.5) * (first.w + 2.0));
    extent = vec2(far, first.w);
    light = mix(first.rgb, last, clamp(spot.x / max(far, 1e-6), 0.0, 1.0));
    vec2 pixel = ends.xy + along * spot.x + vec2(-along.y, along.x) * spot.y;
    gl_Position = vec4(2.0 * pixel.x / stage.x - 1.0, 1.0 - 2.0 * pixel.y / stage.y, 0.0, 1.0);
}
