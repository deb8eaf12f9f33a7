"""What happens to the files of a folder, as the kernel tells it."""

import ctypes
import os
import select
import struct

MODIFY, CLOSE_WRITE, MOVED_TO, CREATE, DELETE = 0x2, 0x8, 0x80, 0x100, 0x200
LIBC = ctypes.CDLL(None, use_errno=True)


class Inotify:
    def __init__(self, folder):
        self.descriptor = LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        every = MODIFY | CLOSE_WRITE | MOVED_TO | CREATE | DELETE
        if self.descriptor < 0 or LIBC.inotify_add_watch(self.descriptor, os.fsencode(folder), every) < 0:
            raise OSError(ctypes.get_errno(), "inotify", folder)

    def events(self, seconds):
        """[(mask, file name)], as soon as there are any; none after `seconds`."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return []
        data, found, at = os.read(self.descriptor, 1 << 16), [], 0
        while at < len(data):
            _, mask, _, length = struct.unpack_from("iIII", data, at)
            found.append((mask, os.fsdecode(data[at + 16 : at + 16 + length].rstrip(b"\0"))))
            at += 16 + length
        return found

    def close(self):
        os.close(self.descriptor)
