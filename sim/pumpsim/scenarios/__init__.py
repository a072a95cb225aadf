"""Scenarios: bench tests as TOML files, played on a simulated pump. `pumpsim run scenarios/*.toml`."""
