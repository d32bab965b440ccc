"""Side effects of a page: console messages, dialogs, requests to other hosts, bytes transferred."""

from urllib.parse import urlsplit


class PageWatch:
    """Of one page, from before its first request."""

    def __init__(self, page, url):
        self.console, self.dialogs, self.foreign = [], [], []
        self._host = urlsplit(url).netloc
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        page.on("dialog", self._dismiss)
        page.on("request", self._note)

    def clear(self):
        """Forget the pages before."""
        for seen in (self.console, self.dialogs, self.foreign):
            seen.clear()

    async def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    def _note(self, request):
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self._host:
            self.foreign.append(request.url)


async def weigh(page):
    """A function that returns the bytes received so far, headers included, as the browser counts them."""
    client = await page.context.new_cdp_session(page)
    await client.send("Network.enable")
    arrived = []
    client.on("Network.loadingFinished", lambda event: arrived.append(event["encodedDataLength"]))
    return lambda: sum(arrived)
