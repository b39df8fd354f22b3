"""Leave for what people are told to avoid: asked for, decided, ended by itself, and its register."""
