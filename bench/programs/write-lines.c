/* write-lines ID COUNT PROCESSES DIR: COUNT lines of 100 bytes, `<ID:NNNNNNN:…>`, in writes of 64 KiB that end anywhere in a line;
   ends at once when all PROCESSES have written theirs, which DIR/done.ID tells. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE 100
#define BLOCK 65536

static void write_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, bytes, length);
    if (written <= 0) _exit(9);
    bytes += written;
    length -= written;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int id = atoi(argv[1]), processes = atoi(argv[3]);
  long count = atol(argv[2]);
  size_t length = (size_t)count * LINE;
  char *bytes = malloc(length + 1), path[4096];
  for (long i = 0; i < count; i++) {
    char *line = bytes + i * LINE;
    int head = sprintf(line, "<%d:%07ld:", id, i);
    for (int at = head; at < LINE - 2; at++) line[at] = 'a' + (i + at) % 26;
    line[LINE - 2] = '>';
    line[LINE - 1] = '\n';
  }
  for (size_t at = 0; at < length; at += BLOCK) write_all(bytes + at, length - at < BLOCK ? length - at : BLOCK);

  snprintf(path, sizeof path, "%s/done.%d", argv[4], id);
  close(open(path, O_CREAT | O_WRONLY, 0644));
  for (int other = 0; other < processes;) {
    struct stat stats;
    snprintf(path, sizeof path, "%s/done.%d", argv[4], other);
    if (stat(path, &stats) == 0) other++;
    else usleep(2000);
  }
  return 0;
}
