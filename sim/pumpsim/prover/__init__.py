"""The prover: cuts the power at every flash operation of a scenario, boots, and judges what is left."""
