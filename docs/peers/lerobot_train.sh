#!/bin/sh
# Trains ACT by LeRobot itself on an export of ours, small enough for a CPU:
#     sh docs/peers/lerobot_train.sh PYTHON EXPORT OUT [STEPS]
# PYTHON is that of an environment with lerobot 0.4.4 and its extras; nothing is fetched from a hub.
set -eu
python=$1 export=$2 out=$3 steps=${4:-100}
HF_HUB_OFFLINE=1 "$python" -m lerobot.scripts.lerobot_train \
    --dataset.repo_id=local/export --dataset.root="$export" \
    --policy.type=act --policy.device=cpu --policy.push_to_hub=false \
    --policy.pretrained_backbone_weights=null \
    --policy.dim_model=128 --policy.n_heads=4 --policy.dim_feedforward=256 --policy.n_encoder_layers=2 \
    --policy.chunk_size=50 --policy.n_action_steps=50 \
    --batch_size=2 --num_workers=0 --steps="$steps" --log_freq=10 --save_freq="$steps" --eval_freq=0 \
    --wandb.enable=false --output_dir="$out"
