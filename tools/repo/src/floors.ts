/** The floor of every workspace package; imports go strictly downward (ARCHITECTURE.md draws the same table). */
export const FLOORS: Readonly<Record<string, number>> = {
  '@keelson/step': 0,
  '@keelson/atomic-fs': 1,
  '@keelson/cli-kit': 1,
  '@keelson/manifest': 1,
  '@keelson/spawn': 1,
  '@keelson/env': 2,
  '@keelson/git': 2,
  '@keelson/graceful': 2,
  '@keelson/log-tagger': 2,
  '@keelson/procfile': 2,
  '@keelson/resource-limits': 2,
  '@keelson/archive': 3,
  '@keelson/package-manager': 3,
  '@keelson/releases': 3,
  '@keelson/source': 4,
  '@keelson/archive-builder': 5,
  '@keelson/exporter': 5,
  '@keelson/preparer': 5,
  '@keelson/publisher': 5,
  '@keelson/receiver': 5,
  '@keelson/supervisor': 5,
  '@keelson/deployer': 6,
  '@keelson/deploy': 7,
  '@keelson/export': 7,
  '@keelson/foreman': 8,
  keelson: 9,
  '@keelson/demo': 10,
  '@keelson/repo': 10,
};

/** Importable from tests of any floor, and from nothing else. */
export const TEST_KIT = '@keelson/test-kit';
