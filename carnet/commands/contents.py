"""What JupyterLab reads of notebooks, whose files are committed without what kernels say of Python.

It would add that as soon as a kernel starts, and call the notebook unsaved: it is there at once.
"""

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


class Contents(AsyncLargeFileManager):
    """Files as they are, notebooks with the language of their kernel."""

    async def get(self, *arguments, **options) -> dict:
        model = await super().get(*arguments, **options)
        if model["type"] == "notebook" and model["content"]:
            about = model["content"]["metadata"].get("language_info", {})
            if about.get("name") == "python":
                about |= IPythonKernel.language_info
        return model
