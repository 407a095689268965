"""Whether Spark can run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess


def why_no_spark() -> str:
    """Return why Spark cannot run here, empty when it can."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        return "no Java on PATH: Spark is not tested; install Java 17 or newer"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        return f"Java {version[1] if version else '?'} is too old for Spark; install 17 or newer"
    return ""
