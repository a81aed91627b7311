"""Where the files of a request go while it is read."""

from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers


class LimiteDelCorpo(FileUploadHandler):
    """Throws away the files of a request that is too large to hold an acceptable one, before they fill the disk.

    It comes before the handlers that keep files. The form receives an empty file that says the size, and refuses
    it in words. A request never has more bytes than the Content-Length it declares.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        # Together with the file come at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes of fields.
        massimo = settings.CARICAMENTO_MAX_MB * 2**20 + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self._byte = content_length if content_length > massimo else None

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        if self._byte is not None:
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data, start):
        return raw_data if self._byte is None else None

    def file_complete(self, file_size):
        if self._byte is None:
            return None
        return UploadedFile(BytesIO(), self.file_name, self.content_type, self._byte)
