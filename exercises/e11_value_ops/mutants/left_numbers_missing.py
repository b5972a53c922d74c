del Value.__radd__, Value.__rmul__
