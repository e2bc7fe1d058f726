# Tests of what is in libtrendscope-console: core with Qt, ui, demo.
