#!/bin/sh
# Debian's Chromium, for the tests that look at the pages, where it is missing and may be installed.
# Never fails: without a Chromium those tests are skipped, and the end of the run says so.
[ -n "${CHROMIUM:-}" ] && exit 0
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    command -v "$name" > /dev/null && exit 0
done
command -v apt-get > /dev/null || exit 0
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2> /dev/null; then
    as_root="sudo -n"
else
    exit 0
fi
echo "installing Chromium for the tests of the pages"
export DEBIAN_FRONTEND=noninteractive
quick="-qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=60"
install="$as_root apt-get install -y $quick --no-install-recommends fonts-dejavu-core"
{
    $as_root apt-get update $quick
    $install chromium-headless-shell || $install chromium # the first has no window, and costs half
} > /dev/null 2>&1 || echo "Chromium could not be installed; the tests of the pages will be skipped" >&2
exit 0
