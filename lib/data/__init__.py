"""The data: what is in a data set, its images, how they are spread over classes.

The engine asks `data_files` which files of a folder count, and `check_data` to look at them all
before anything runs; both do without torch.
"""

from lib.data.cars import Cars, check_data, data_files, load_cars, load_images, open_images

__all__ = ["Cars", "check_data", "data_files", "load_cars", "load_images", "open_images"]
