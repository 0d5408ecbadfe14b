import asyncio, os, signal
async def main():
    asyncio.get_running_loop().call_later(.02, os.kill, os.getpid(), signal.SIGINT)
    await asyncio.sleep(5)
asyncio.run(main())
