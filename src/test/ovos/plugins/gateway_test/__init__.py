# SPDX-License-Identifier: Apache-2.0
"""Voice, ear, wake word, silence detector, microphone and skill of the real assistants in the tests.

They need no model, no network and no hardware. Nothing installs them: they are on PYTHONPATH, and the folder
`gateway_test-1.dist-info` beside them names them as plugins.
"""
