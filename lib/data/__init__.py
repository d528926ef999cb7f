"""The data: what is in a data set of cars, its images, how they are spread over classes."""

from lib.data.cars import Cars, load_cars, load_images, open_images

__all__ = ["Cars", "load_cars", "load_images", "open_images"]
