"""Running notebooks: in what order, in which kernels, on which workers."""
