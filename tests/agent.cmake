# Tests of what links no Qt itself: observability, configuration, logs, exporter.
