/** Tries until it holds, for half a minute. */
export async function expectSoon(expectation: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 30_000; ;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
