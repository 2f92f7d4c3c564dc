// Preloaded into a process, it writes down what the process does to the files of one folder: every write, truncation, removal and sync, in order.
// From this trace a test rebuilds what a disk may hold after a power cut: what was synced, and any part of what came later.
//
//   FLEETHOLD_SHIM_FOLDER  the folder, absolute, without a slash at the end
//   FLEETHOLD_SHIM_TRACE   the trace, outside of the folder
//   FLEETHOLD_SHIM_FAULT   optional: while this file exists, its first byte makes calls fail: n = writes find no space, s = syncs fail
//
// A record: kind (1 byte: C created, W written, T truncated, S synced, U removed), length of the name (1), name in the folder, offset or size (8),
// length of the data (4), data; numbers in the byte order of the machine.
//
// Build: gcc -O2 -shared -fPIC -o shim.so shim.c -ldl -lpthread
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096
#define MOST_NAME 200

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static char *names[MOST_FILES];
static const char *folder, *fault;
static size_t folder_length;
static int trace = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FLEETHOLD_SHIM_TRACE");
  folder = getenv("FLEETHOLD_SHIM_FOLDER");
  fault = getenv("FLEETHOLD_SHIM_FAULT");
  if (folder == NULL || path == NULL) return;
  folder_length = strlen(folder);
  trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

// The name in the folder, or NULL when a path isn't ours. The index of the write-ahead log is rebuilt after a crash and is mapped, not written.
static const char *name_of(const char *path) {
  size_t length;
  if (trace < 0 || path == NULL || strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/') return NULL;
  path += folder_length + 1;
  length = strlen(path);
  if (length == 0 || length > MOST_NAME || (length > 4 && strcmp(path + length - 4, "-shm") == 0)) return NULL;
  return path;
}

static char *traced(int fd) { return fd >= 0 && fd < MOST_FILES ? names[fd] : NULL; }

// With the gate held.
static void record(char kind, const char *name, uint64_t offset, const void *data, uint32_t length) {
  char head[2 + MOST_NAME + 12];
  uint8_t name_length = (uint8_t)strlen(name);
  struct iovec parts[2];
  head[0] = kind;
  head[1] = (char)name_length;
  memcpy(head + 2, name, name_length);
  memcpy(head + 2 + name_length, &offset, 8);
  memcpy(head + 10 + name_length, &length, 4);
  parts[0].iov_base = head;
  parts[0].iov_len = 14u + name_length;
  parts[1].iov_base = (void *)data;
  parts[1].iov_len = length;
  if (syscall(SYS_writev, trace, parts, length > 0 ? 2 : 1) != (long)(parts[0].iov_len + length)) abort();
}

static int fails(char what) {
  char found = 0;
  int fd;
  if (fault == NULL) return 0;
  fd = (int)syscall(SYS_openat, AT_FDCWD, fault, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  if (syscall(SYS_read, fd, &found, 1) != 1) found = 0;
  syscall(SYS_close, fd);
  return found == what;
}

static int opened(int fd, const char *path, int flags, int existed) {
  const char *name = name_of(path);
  if (fd < 0 || fd >= MOST_FILES || name == NULL || (flags & O_DIRECTORY)) return fd;
  pthread_mutex_lock(&gate);
  free(names[fd]);
  names[fd] = strdup(name);
  if (!existed) record('C', name, 0, NULL, 0);
  else if (flags & O_TRUNC) record('T', name, 0, NULL, 0);
  pthread_mutex_unlock(&gate);
  return fd;
}

static int exists(const char *path) { return name_of(path) != NULL && access(path, F_OK) == 0; }

#define OPEN(function)                                            \
  int function(const char *path, int flags, ...) {                \
    va_list more;                                                 \
    mode_t mode;                                                  \
    int there = exists(path);                                     \
    va_start(more, flags);                                        \
    mode = (mode_t)va_arg(more, int);                             \
    va_end(more);                                                 \
    return opened(REAL(function)(path, flags, mode), path, flags, there); \
  }

#define OPENAT(function)                                          \
  int function(int at, const char *path, int flags, ...) {        \
    va_list more;                                                 \
    mode_t mode;                                                  \
    int there = exists(path);                                     \
    va_start(more, flags);                                        \
    mode = (mode_t)va_arg(more, int);                             \
    va_end(more);                                                 \
    return opened(REAL(function)(at, path, flags, mode), path, flags, there); \
  }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  pthread_mutex_lock(&gate);
  if (traced(fd)) {
    free(names[fd]);
    names[fd] = NULL;
  }
  pthread_mutex_unlock(&gate);
  return REAL(close)(fd);
}

static ssize_t written(int fd, const void *data, size_t length, off64_t offset) {
  ssize_t done;
  char *name = traced(fd);
  pthread_mutex_lock(&gate);
  if (strcmp(name, "acks") != 0 && fails('n')) {
    pthread_mutex_unlock(&gate);
    errno = ENOSPC;
    return -1;
  }
  if (offset < 0) {
    offset = lseek64(fd, 0, SEEK_CUR);
    done = syscall(SYS_write, fd, data, length);
  } else {
    done = syscall(SYS_pwrite64, fd, data, length, offset);
  }
  if (done > 0) record('W', name, (uint64_t)offset, data, (uint32_t)done);
  pthread_mutex_unlock(&gate);
  return done;
}

ssize_t write(int fd, const void *data, size_t length) {
  return traced(fd) ? written(fd, data, length, -1) : REAL(write)(fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  return traced(fd) ? written(fd, data, length, offset) : REAL(pwrite)(fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  return traced(fd) ? written(fd, data, length, offset) : REAL(pwrite64)(fd, data, length, offset);
}

static int truncated(int fd, off64_t size) {
  int failed;
  pthread_mutex_lock(&gate);
  failed = (int)syscall(SYS_ftruncate, fd, size);
  if (!failed) record('T', traced(fd), (uint64_t)size, NULL, 0);
  pthread_mutex_unlock(&gate);
  return failed;
}

int ftruncate(int fd, off_t size) { return traced(fd) ? truncated(fd, size) : REAL(ftruncate)(fd, size); }

int ftruncate64(int fd, off64_t size) { return traced(fd) ? truncated(fd, size) : REAL(ftruncate64)(fd, size); }

static int synced(int fd, long call) {
  int failed;
  pthread_mutex_lock(&gate);
  if (fails('s')) {
    pthread_mutex_unlock(&gate);
    errno = EIO;
    return -1;
  }
  failed = (int)syscall(call, fd);
  if (!failed) record('S', traced(fd), 0, NULL, 0);
  pthread_mutex_unlock(&gate);
  return failed;
}

int fsync(int fd) { return traced(fd) ? synced(fd, SYS_fsync) : REAL(fsync)(fd); }

int fdatasync(int fd) { return traced(fd) ? synced(fd, SYS_fdatasync) : REAL(fdatasync)(fd); }

int unlink(const char *path) {
  const char *name = name_of(path);
  int failed;
  if (name == NULL) return REAL(unlink)(path);
  pthread_mutex_lock(&gate);
  failed = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (!failed) record('U', name, 0, NULL, 0);
  pthread_mutex_unlock(&gate);
  return failed;
}
