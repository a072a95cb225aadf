"""The commands of `pumpctl`, one module a subject. Each loads what it needs when it runs."""
