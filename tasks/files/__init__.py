"""Files that come in and go out. Everything in them is data, nothing in them is trusted."""
