"""The public: what it asks at official accounts, and until when it is answered."""
