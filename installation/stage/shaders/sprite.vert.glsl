#version 330 core
// One word, a strip of four corners. Places are in pixels from the upper left corner.
uniform vec2 stage;        // the stage in pixels
uniform sampler2D slots;   // two texels a slot: left, top, width, height; x, y, layer, 1 where in colours
uniform vec2 sides;        // the side of a layer of grey words and of coloured ones

in vec4 place;             // left end of the baseline, size over that in the atlas, clockwise turn in radians
in vec4 shine;             // light, number of the slot

out vec3 spot;
out vec3 light;
flat out float coloured;

const int ROW = 64;

void main() {
    int number = int(shine.w + 0.5);
    ivec2 cell = ivec2(2 * (number % ROW), number / ROW);
    vec4 box = texelFetch(slots, cell, 0);
    vec4 source = texelFetch(slots, cell + ivec2(1, 0), 0);
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 away = (box.xy + corner * box.zw) * place.z;
    float s = sin(place.w), c = cos(place.w);
    vec2 pixel = place.xy + vec2(away.x * c - away.y * s, away.x * s + away.y * c);
    coloured = source.w;
    spot = vec3((source.xy + corner * box.zw) / (coloured > 0.5 ? sides.y : sides.x), source.z);
    light = shine.rgb;
    gl_Position = vec4(2.0 * pixel.x / stage.x - 1.0, 1.0 - 2.0 * pixel.y / stage.y, 0.0, 1.0);
}
