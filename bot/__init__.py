"""Discord and the terminal: what people see, and the only place that wires the parts together."""
