. /tmp/aim/s12/night/env.sh
for d in 2027-02-15 2027-02-22; do
 (cd /work/main; PYTHONPATH=/work/main DETAIL=0 python /tmp/aim/s12/night/steps.py /tmp/aim/s12/night/w1a 20270115 6000 12 3 $d 2>&1 | grep -v "build 0.0" | sed 's/^/OLD /')
 (DETAIL=0 python /tmp/aim/s12/night/steps.py /tmp/aim/s12/night/w1b 20270115 6000 12 3 $d 2>&1 | grep -v "build 0.0" | sed 's/^/NEW /')
done
