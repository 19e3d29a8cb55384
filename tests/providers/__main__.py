"""Play a provider by hand: python -m tests.providers zalo|facebook|sms [PORT]. Every call is printed as it is
answered."""

import sys
import time

from tests.providers.facebook import Facebook
from tests.providers.server import Call, Told
from tests.providers.sms import Sms
from tests.providers.zalo import Zalo

PROVIDERS = {"zalo": Zalo, "facebook": Facebook, "sms": Sms}


def main(name: str, port: str = "8099") -> None:
    provider = PROVIDERS[name](int(port))
    handle = provider.handle

    def shown(call: Call) -> Told:
        told = handle(call)
        print(call.method, call.path, call.body.decode("utf-8", "replace"), "→", told.status, told.body, flush=True)
        return told

    provider.handle = shown  # type: ignore[method-assign]
    provider.start()
    print(f"{name} at {provider.url}; settings {provider.settings()}; secrets {provider.secrets()}", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        provider.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
