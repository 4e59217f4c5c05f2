"""Runs the Python blocks of one page: a JSON string a line comes in, a JSON string goes out, empty where all went well.

Weights are not downloaded: timm's and torchvision's networks get random ones, whatever is asked for.
"""

import contextlib
import functools
import json
import sys
import traceback


def without_download():
    with contextlib.suppress(ImportError):
        import timm

        create = timm.create_model

        @functools.wraps(create)
        def create_model(name, pretrained=False, **options):
            return create(name, pretrained=False, **options)

        timm.create_model = create_model
    with contextlib.suppress(ImportError):
        import torchvision.models

        get = torchvision.models.get_model

        @functools.wraps(get)
        def get_model(name, weights=None, **options):
            return get(name, weights=None, **options)

        torchvision.models.get_model = get_model


answers = sys.stdout
sys.stdout = sys.stderr
prepared = False
names = {"__name__": "__main__"}
for line in sys.stdin:
    code = json.loads(line)
    problem = ""
    try:
        if not prepared and ("timm" in code or "torchvision" in code):
            without_download()
            prepared = True
        exec(compile(code, "block", "exec"), names)
    except BaseException:
        problem = traceback.format_exc()
    answers.write(json.dumps(problem) + "\n")
    answers.flush()
