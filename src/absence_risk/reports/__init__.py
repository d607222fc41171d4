"""What people read: the support list, the model card and the figures."""
