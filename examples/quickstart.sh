#!/usr/bin/env bash
# The four phases as a script, on the bundled sandbox: what a nightly job or a CI run may look like.
# Needs gcw on the PATH and python3. Everything happens in a new temporary folder.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
export GCW_HOME="$work/home" GCW_PROFILE=sandbox GCW_NO_INPUT=1
export GCW_SECRET_KEY="${GCW_SECRET_KEY:-$(python3 -c 'import secrets; print(secrets.token_hex(32))')}"

# field NAME: one field of the JSON object on stdin, or of the first object of an array
field() { python3 -c 'import json, sys; found = json.load(sys.stdin); found = found[0] if isinstance(found, list) else found; print(found[sys.argv[1]])' "$1"; }

# A TikTok Shop to try this with. For a real one leave this part out: see docs/partner-center.md.
port=$((20000 + RANDOM % 12000)) # where the browser comes back
mkfifo "$work/ready"
gcw sandbox start --port 0 --orders 0 --redirect-url "http://localhost:$port/callback" --json > "$work/ready" &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || true; wait $sandbox 2>/dev/null || true; rm -rf "$work"' EXIT
read -r shop < "$work/ready"
at() { field "$1" <<< "$shop"; }
at app_secret | gcw app configure --key "$(at app_key)" --service-id "$(at service_id)" --port "$port" \
    --api-url "$(at api_url)" --auth-url "$(at auth_url)" --authorize-url "$(at authorize_url)" --json > "$work/app.json"
BROWSER="$(dirname "$(command -v gcw)")/python -m gcw_tiktok.sandbox.visitor %s" # clicks Allow in the sandbox
export BROWSER

# 1. Set up.
gcw customer add "Paper Harbor" --reference PH-01 --storefronts
gcw facility add "Main floor" --hand-off "folder:$work/hand-off"
gcw catalog import "$here/wall-art.yaml"

# 2. Connect the store.
gcw store connect --customer "Paper Harbor" --facility "Main floor"

# 3. Tie listings to products.
gcw products sync "Paper Harbor"
gcw products connect "Paper Harbor" POSTER-HARBOR-18X24-MATTE \
    flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver \
    --design "$here/designs/harbor-poster-18x24.pdf"

# 4. Orders: taken in, held for the buyer's hour, released, shipped.
order=$(gcw sandbox order --sku POSTER-HARBOR-18X24-MATTE --quantity 2 --json | field order_id)
gcw orders pull
gcw sandbox clock advance 61m
gcw orders pull
gcw orders release
gcw orders advance "$order" --to packaged
gcw orders ship "$order" --carrier USPS --tracking 9400100000000000000013
gcw orders pull
echo "Order $order is $(gcw orders show "$order" --json | field stage)."
ls "$work/hand-off/TTS-$order"
