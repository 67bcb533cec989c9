"""Where things are to each other and to the viewer; which of them a query means; where there is room."""

from robotics.reasoning.spatial.free_space import (
    clearance,
    free_space_mask,
    free_space_scores,
    place_scores,
    roomiest,
)
from robotics.reasoning.spatial.image_plane import image_relation_scores, place_boxes, place_pixels
from robotics.reasoning.spatial.placed import LEVEL_VIEWER, Placed, Viewer, level_in_world, viewer_axes
from robotics.reasoning.spatial.ranking import COMPARED_SIZES, size_scores, superlative_scores
from robotics.reasoning.spatial.relations import relation_score, relation_scores
from robotics.reasoning.spatial.resolving import Resolution, plain, resolve

__all__ = [
    "COMPARED_SIZES",
    "LEVEL_VIEWER",
    "Placed",
    "Resolution",
    "Viewer",
    "clearance",
    "free_space_mask",
    "free_space_scores",
    "image_relation_scores",
    "level_in_world",
    "place_boxes",
    "place_pixels",
    "place_scores",
    "plain",
    "relation_score",
    "relation_scores",
    "resolve",
    "roomiest",
    "size_scores",
    "superlative_scores",
    "viewer_axes",
]
