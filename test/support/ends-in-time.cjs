// The process of the tests ends within ten seconds of its last test, whatever failed: what a broken test left running
// (a server, a timer, a connection) is named, and the run fails.
const SECONDS = 10;

module.exports = class EndsInTime {
  onRunComplete() {
    // unref: where nothing is left the process ends before
    setTimeout(() => {
      const left = process.getActiveResourcesInfo().filter((kind) => !['TTYWrap', 'PipeWrap'].includes(kind));
      console.error(
        `!!  STILL RUNNING ${SECONDS} s AFTER THE LAST TEST: ${left.join(', ') || 'pipes of child processes'}`,
      );
      process.exit(1);
    }, SECONDS * 1000).unref();
  }
};
