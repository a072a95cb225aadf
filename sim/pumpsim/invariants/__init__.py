"""What must hold on a pump whatever is done to it, looked at after every poll. Changes nothing, knows no scenario."""
