"""Where signals come in and messages go out; one file a protocol, both directions."""
