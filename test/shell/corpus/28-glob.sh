cd /tmp; rm -rf ldg; mkdir ldg; cd ldg; touch a1 a2 b1 .h; echo *; echo a*; echo [ab]1; echo nomatch*; ls -a | head -3; ls | wc -l
shopt -s nullglob; echo x nomatch* y; shopt -u nullglob; mkdir -p d/e; touch d/e/f; echo d/*/f; find . -name 'f'; cp a1 c1; mv c1 c2; ls; rm a*; ls; rm nope; rm -f nope; cd ..; rm -rf ldg; ls ldg
