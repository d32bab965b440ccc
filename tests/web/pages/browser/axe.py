"""axe-core: accessibility rules for keyboard and screen-reader users."""

import json
import shutil
import subprocess
from pathlib import Path

PACKAGE = {"axe-core": "4.14.1"}
CACHE = Path(__file__).parents[4] / ".cache" / "axe-core"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BY_COLOUR = ["color-contrast", "link-in-text-block"]  # what another scheme may change
NO_NPM = "npm is not installed, so axe-core cannot be"
NOT_INSTALLED = "npm cannot install axe-core here"

_RUN = """async ([rules, unfolded]) => {
  for (const one of document.querySelectorAll(unfolded)) one.open = true;
  const found = await axe.run(document, {
    runOnly: rules, resultTypes: ["violations"], preload: false, elementRef: false, selectors: false,
  });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
}"""

_WITHOUT_MORE_OF_THE_SAME = """most => {
  const kind = (one) => {
    const within = Array.from(one.querySelectorAll("*"), (each) => `${each.tagName}.${each.className}`);
    return [one.tagName, one.className, ...new Set(within)].sort().join(" ");
  };
  for (const parent of document.querySelectorAll("main, main *")) {
    const seen = new Map();
    for (const one of [...parent.children]) {
      const count = (seen.get(kind(one)) ?? 0) + 1;
      seen.set(kind(one), count);
      if (count > most) one.remove();
    }
  }
}"""
ALIKE = 5  # siblings


def script():
    """The text of axe-core, installed once; LookupError where it cannot be installed."""
    if not shutil.which("npm"):
        raise LookupError(NO_NPM)
    wanted, done = json.dumps({"private": True, "dependencies": PACKAGE}), CACHE / "installed.json"
    if not (done.exists() and done.read_text() == wanted):
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text(wanted)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        if subprocess.run(npm, cwd=CACHE, capture_output=True, timeout=120, check=False).returncode:
            raise LookupError(NOT_INSTALLED)
        done.write_text(wanted)
    return (CACHE / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def thin(page):
    """Remove siblings that are made of the same elements and classes as five before them: rules find nothing else there."""
    await page.evaluate(_WITHOUT_MORE_OF_THE_SAME, ALIKE)


async def complaints(page, rules=TAGS, unfolded="details:not(.fold, .raw)"):
    """What breaks a rule on the page as it is now, folds opened but for those that only hold more of the same;
    the page already has the script.
    """
    return await page.evaluate(_RUN, [rules, unfolded])
