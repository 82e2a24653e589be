"""Speed, measured beside a named peer in the same run; the only place where speed is claimed."""
