// A test that passes only at its second try is named, here and above the last line of .ci/run: a retry tells a flaw of the
// test from one of the product, it hides neither. More than two are no chance, and fail CI.
const FEW = 2;

module.exports = class SecondTry {
  names = [];

  onTestResult({ path }, { testResults }) {
    for (const { fullName, status, invocations } of testResults)
      if (status === 'passed' && invocations > 1)
        this.names.push(`${path.replace(/^.*\/test\//, 'test/')}: ${fullName}`);
  }

  onRunComplete() {
    for (const name of this.names) console.error(`!!  PASSED ONLY AT THE SECOND TRY: ${name}`);
  }

  getLastError() {
    return process.env.CI === 'true' && this.names.length > FEW
      ? new Error(`${this.names.length} passed only at the second try, which is too many where CI=true`)
      : undefined;
  }
};
