"""Commands about this machine: init, data, doctor, server, completion."""
