"""The errors of the login host: error code, AADSTS number and text."""

from http import HTTPStatus

from aiohttp import web

from app.simulator.errors import json_response


class EntraError(Exception):
    def __init__(self, error: str, number: int, text: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(text)
        self.error, self.number, self.text, self.status = error, number, text, status

    def response(self) -> web.Response:
        description = f"AADSTS{self.number}: {self.text}"
        body = {"error": self.error, "error_description": description, "error_codes": [self.number]}
        return json_response(body, status=self.status)
