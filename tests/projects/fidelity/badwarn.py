import warnings; warnings.warn("modlevel", stacklevel=2); warnings.warn("m3", stacklevel=3); warnings.warn("m4", stacklevel=4)
