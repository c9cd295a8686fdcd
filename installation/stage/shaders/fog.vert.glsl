#version 330 core
uniform vec2 stage;

in vec3 cloud;             // middle and radius in pixels
in vec3 shine;

out vec2 spot;             // from the middle, in radii
out vec3 light;

const float REACH = 3.8;   // radii beyond which nothing of it can be seen

void main() {
    spot = REACH * (2.0 * vec2(gl_VertexID & 1, gl_VertexID >> 1) - 1.0);
    light = shine;
    vec2 pixel = cloud.xy + spot * cloud.z;
    gl_Position = vec4(2.0 * pixel.x / stage.x - 1.0, 1.0 - 2.0 * pixel.y / stage.y, 0.0, 1.0);
}
